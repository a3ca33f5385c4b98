"""Tekton's programs that report whether a CI is up: health monitor, unified registry, registry client, discovery service."""
import asyncio
import logging

from shared.ai.ai_discovery_service import AIDiscoveryService
from shared.ai.health_monitor import AIHealthMonitor
from shared.ai.registry_client import AIRegistryClient
from shared.ai.unified_registry import UnifiedAIRegistry

platform = AIRegistryClient()
unified = UnifiedAIRegistry()
discovery = AIDiscoveryService()
warnings = []


class Keeper(logging.Handler):
    """Keeps the warnings of the health monitor, which an operator reads."""

    def emit(self, record):
        warnings.append(record.getMessage())


logging.getLogger('shared.ai.health_monitor').addHandler(Keeper(logging.WARNING))


def named(task):
    return [f"{ask['ci']}-ai" for ask in task['asks']]


async def check(task, _cis):
    warnings.clear()
    monitor = AIHealthMonitor(platform)
    healthy = await asyncio.gather(*map(monitor.check_ai_health, named(task)))
    outcomes = [{'ok': is_healthy, 'ai_id': ai_id} for ai_id, is_healthy in zip(named(task), healthy)]
    return outcomes + [{'ok': False, 'warning': warning} for warning in sorted(warnings)]


async def monitor_all(task, _cis):
    """The monitor's loop goes through all registered CIs once; one that hangs costs it 5 s."""
    monitor = AIHealthMonitor(platform, check_interval=60)
    await monitor.start()
    await asyncio.sleep(task['timeout'])
    await monitor.stop()
    statuses = {ai_id: summary['status'] for ai_id, summary in sorted(monitor.get_health_summary().items())}
    return [{'ok': status == 'healthy', 'ai_id': ai_id, 'status': status} for ai_id, status in statuses.items()]


async def status(task, _cis):
    """The status that the unified registry derives from its pings. Its file is read and written without a lock: one at a time."""
    outcomes = []
    for ai_id in named(task):
        await unified._check_health(await unified.get(ai_id))
        specialist = await unified.get(ai_id)
        counts = {'total_requests': specialist.total_requests, 'failed_requests': specialist.failed_requests}
        outcomes.append({'ok': specialist.is_available, 'ai_id': ai_id, **counts})
    return outcomes


async def reachable(task, _cis):
    async def one(ai_id):
        is_there = await platform.wait_for_ai(ai_id, timeout=task['timeout'])
        connects = await asyncio.to_thread(platform._is_ai_available, ai_id)
        return {'ok': is_there and connects, 'ai_id': ai_id, 'wait_for_ai': is_there, '_is_ai_available': connects}

    return await asyncio.gather(*map(one, named(task)))


async def discovered(task, _cis):
    async def one(ai_id):
        test = await discovery.test_ai_connection(ai_id)
        info = await discovery.get_ai_info(ai_id)
        reported = {'error': test.get('error'), 'status': info['status'], 'model': info['model']}
        return {'ok': test['reachable'], 'ai_id': ai_id, **reported}

    return await asyncio.gather(*map(one, named(task)))


programs = {
    'health monitor': check,
    'health monitor, loop': monitor_all,
    'unified registry': status,
    'registry client': reachable,
    'discovery service': discovered,
}

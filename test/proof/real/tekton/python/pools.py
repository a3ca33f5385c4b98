"""Tekton's connection pool: one connection for each CI, used by one request after the other."""
import asyncio

from clients import in_order, outcome_of, timeout_of
from shared.ai.connection_pool import AIConnectionPool

pool = AIConnectionPool()


def named(ci, where):
    return f'{ci}-ai', where['host'], where['port']


async def send(task, cis):
    async def one(ask):
        ai_id, host, port = named(ask['ci'], cis[ask['ci']])
        return outcome_of(await pool.send_message(ai_id, host, port, ask['text'], timeout=timeout_of(ask, task)))

    return await in_order(task, one)


async def team(task, cis):
    everybody = [named(ci, where) for ci, where in cis.items()]
    rounds = [await pool.send_to_all(ask['text'], everybody, timeout=task['timeout']) for ask in task['asks']]
    # Two timers of the same length race, the one here and the one of `send_message`: their messages are made one.
    timeouts = {'', f"Timeout after {task['timeout']}s"}
    late = {'error': 'timeout'}
    outcomes = [outcome_of(result) for results in rounds for result in results]
    return [{**outcome, **late} if outcome.get('error') in timeouts else outcome for outcome in outcomes]


async def checked(task, cis):
    """The pool's own health checks ping each connection every half second, also those that owe an answer."""
    pool._health_check_interval = 0.5  # Default: 30 s. An attribute of the instance; the code is as it is.
    pool.start_health_monitoring()
    outcomes = []
    for ask in task['asks']:
        outcomes += await send({**task, 'asks': [ask]}, cis)
        await asyncio.sleep(0.7)
    return outcomes


programs = {'pool': send, 'pool, team': team, 'pool, health checks': checked}

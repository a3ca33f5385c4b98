"""Registers the CIs in both of Tekton's registries below $HOME, by Tekton's own code, and prints its result for each CI.

Usage: register.py '{"apollo": 21001, ...}'
"""
import asyncio
import json
import os
import sys

results = os.fdopen(os.dup(1), 'w')
os.dup2(2, 1)  # Tekton prints to stdout, too.

from shared.ai.generic_specialist import GenericAISpecialist
from shared.ai.registry_client import AIRegistryClient
from shared.ai.unified_registry import UnifiedAIRegistry


async def register(ports):
    unified, platform = UnifiedAIRegistry(), AIRegistryClient()
    for component, port in ports.items():
        ai_id = f'{component}-ai'
        where = {'name': component, 'port': port, 'host': '127.0.0.1', 'component': component}
        assert await unified.register(ai_id=ai_id, **where), ai_id
        assert platform.register_platform_ai(ai_id, port, component), ai_id


def describe(component, port):
    """The self-description of a specialist, for a CI that replaces it."""
    specialist = GenericAISpecialist(f'{component}-ai', component, port)
    return {
        'title': specialist.component_info['title'],
        'expertise': specialist.component_info['expertise'],
        'description': specialist.description,
        'systemPrompt': specialist.get_system_prompt()[:200] + '...',
    }


ports = json.loads(sys.argv[1])
asyncio.run(register(ports))
print(json.dumps({component: describe(component, port) for component, port in ports.items()}), file=results)

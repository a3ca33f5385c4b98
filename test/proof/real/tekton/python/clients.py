"""Tekton's socket client: `send_message`, which uses the shared pool and falls back to a socket of its own; streams; pings;
and a connection for several messages."""
import asyncio

from shared.ai.socket_client import AISocketClient

client = AISocketClient()
REPORTED = ('response', 'error', 'ai_id', 'model')


def outcome_of(result):
    return {'ok': result['success'], **{field: result[field] for field in REPORTED if field in result}}


async def send(task, cis):
    async def one(ask):
        where = cis[ask['ci']]
        return outcome_of(await client.send_message(message=ask['text'], timeout=timeout_of(ask, task), **where))

    return await in_order(task, one)


async def stream(task, cis):
    async def one(ask):
        text, pieces, end = '', 0, {}
        where = cis[ask['ci']]
        async for chunk in client.send_message_stream(message=ask['text'], timeout=timeout_of(ask, task), **where):
            text += chunk.content
            pieces += 1
            if chunk.is_final:
                end = chunk.metadata or {}
        reported = {field: end[field] for field in ('error', 'warning', 'model', 'ai_id') if field in end}
        return {'ok': not {'error', 'warning'} & reported.keys(), 'response': text, 'pieces': pieces, **reported}

    return await in_order(task, one)


async def ping(task, cis):
    async def one(ask):
        return outcome_of(await client.ping(timeout=timeout_of(ask, task), **cis[ask['ci']]))

    return await in_order(task, one)


async def persistent(task, cis):
    """One connection for each CI, its messages one after the other. This client has no timeout: it gets one here."""

    async def talk(ci):
        texts = [ask['text'] for ask in task['asks'] if ask['ci'] == ci]
        said = []
        try:
            async with client.persistent_connection(**cis[ci]) as connection:
                for text in texts:
                    reply = await asyncio.wait_for(connection.send(text), task['timeout'])
                    said.append({'ok': True, 'type': reply.get('type'), 'response': reply.get('content')})
        except Exception as error:
            failure = {'ok': False, 'error': f'{type(error).__name__}: {error}'}
            said += [failure] * (len(texts) - len(said))
        return said

    named = dict.fromkeys(ask['ci'] for ask in task['asks'])
    return [outcome for said in await asyncio.gather(*map(talk, named)) for outcome in said]


def timeout_of(ask, task):
    return ask.get('timeout', task['timeout'])


async def in_order(task, one):
    """Asks all at once, or one after the other if the task says so. The outcomes are in the order of the messages."""
    if task.get('oneByOne'):
        return [await one(ask) for ask in task['asks']]
    return await asyncio.gather(*map(one, task['asks']))


programs = {
    'socket client': send,
    'socket client, stream': stream,
    'socket client, ping': ping,
    'socket client, persistent connection': persistent,
}

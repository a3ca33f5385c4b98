"""Calls the public functions of the original client, for compare-client.mjs.

Usage: compare_client.py REPO, where REPO is a checkout of the original. Reads cases from stdin, a line each:
{"id": id, "calls": [{"call": name, "args": {...}}, ...]}. Makes the calls of a case in their order, cases side by side,
and writes a line for each case: {"id": id, "outcomes": [...]}, with what each call returned, or the class of what it
raised. HOME should be a folder of its own: the original keeps its registry there.
"""

import asyncio
import dataclasses
import json
import os
import subprocess
import sys
import tempfile

REPO = sys.argv[1]
sys.path.insert(0, REPO)
sys.path.insert(1, os.path.join(REPO, "shared", "aish", "src"))
answers = sys.stdout
sys.stdout = sys.stderr  # The original prints; the answers go out alone.

SPECIAL = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


def decode(fields):
    """Values that JSON cannot hold come as {"$": name}."""
    return SPECIAL[fields["$"]] if list(fields) == ["$"] else fields


async def send_message(**args):
    from shared.ai.socket_client import AISocketClient

    return await AISocketClient().send_message(**args)


async def send_message_sync(**args):
    from shared.ai.socket_client import create_sync_client

    return create_sync_client().send_message(**args)


async def ping(**args):
    from shared.ai.socket_client import AISocketClient

    return await AISocketClient().ping(**args)


async def send_message_stream(**args):
    from shared.ai.socket_client import AISocketClient

    return [dataclasses.asdict(chunk) async for chunk in AISocketClient().send_message_stream(**args)]


async def send_to_ai(**args):
    from shared.ai.connection_pool import send_to_ai as call

    return await call(**args)


async def send_to_all(**args):
    from shared.ai.connection_pool import get_connection_pool

    return await (await get_connection_pool()).send_to_all(**args)


async def resolve_ai_name(specialists, name):
    """Resolves a name as the shell does, with these specialists in its registry."""
    write_registry(os.environ["HOME"], specialists)
    from registry.socket_registry import SocketRegistry

    return await asyncio.to_thread(lambda: SocketRegistry().resolve_ai_name(name))


async def aish(specialists, name, message):
    """Passes a message to the shell's command, and returns what it printed and its exit code."""
    with tempfile.TemporaryDirectory(dir=os.environ["HOME"]) as home:
        write_registry(home, specialists)
        run = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, os.path.join(REPO, "shared", "aish", "aish"), name, message],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "HOME": home},
        )
    return {"printed": run.stdout.strip(), "code": run.returncode}


def write_registry(home, specialists):
    folder = os.path.join(home, ".tekton", "ai_registry")
    os.makedirs(folder, exist_ok=True)
    whole = {each["id"]: {"name": each["id"], **each} for each in specialists}
    # Replaced as a whole: cases side by side write the same names.
    with tempfile.NamedTemporaryFile("w", dir=folder, delete=False) as file:
        json.dump(whole, file)
    os.replace(file.name, os.path.join(folder, "unified_registry.json"))


CALLS = {
    each.__name__: each
    for each in (
        send_message,
        send_message_sync,
        ping,
        send_message_stream,
        send_to_ai,
        send_to_all,
        resolve_ai_name,
        aish,
    )
}


async def answer(case):
    outcomes = []
    for each in case["calls"]:
        try:
            outcomes.append({"returned": await CALLS[each["call"]](**each["args"])})
        except Exception as error:  # What it raises is part of what is observed.
            outcomes.append({"raised": type(error).__name__})
    print(json.dumps({"id": case["id"], "outcomes": outcomes}), file=answers, flush=True)


async def main():
    tasks = []
    while line := await asyncio.to_thread(sys.stdin.readline):
        tasks.append(asyncio.create_task(answer(json.loads(line, object_hook=decode))))
    await asyncio.gather(*tasks)


asyncio.run(main())

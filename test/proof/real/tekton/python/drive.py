"""Runs programs of Tekton on command, in one process that lives as long as a service would.

Usage: drive.py MODULE '{"apollo": {"host": "127.0.0.1", "port": 21001}, ...}'
Prints an empty object when it is ready. Reads one JSON line for each round, `{"programs": {NAME: {"asks": [...], "timeout": S}}}`, runs its programs side by side, and
prints one JSON line with their outcomes. Each outcome has `ok` and what the program itself reports.
"""
import asyncio
import importlib
import json
import os
import sys

results = os.fdopen(os.dup(1), 'w')
os.dup2(2, 1)  # Tekton prints to stdout, too.


LIMIT = 60  # Seconds for a program in one round.


async def run(program, task, cis):
    try:
        return await asyncio.wait_for(program(task, cis), LIMIT)
    except Exception as error:
        return [{'ok': False, 'crashed': f'{type(error).__name__}: {error}'}]


async def main(module, cis):
    programs = importlib.import_module(module).programs
    loop = asyncio.get_running_loop()
    print('{}', file=results, flush=True)  # Ready.
    while True:
        # The loop runs on between two rounds, as a service's does: it sees connections that close.
        line = await loop.run_in_executor(None, sys.stdin.readline)
        if not line:
            os._exit(0)
        tasks = json.loads(line)['programs']
        outcomes = await asyncio.gather(*(run(programs[name], task, cis) for name, task in tasks.items()))
        print(json.dumps(dict(zip(tasks, outcomes))), file=results, flush=True)


asyncio.run(main(sys.argv[1], json.loads(sys.argv[2])))

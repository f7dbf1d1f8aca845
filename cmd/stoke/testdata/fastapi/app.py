"""An API as FastAPI's own documentation builds one: work is accepted with 202
and done by a background task, four at a time, 300 ms each."""

import asyncio
import time

from fastapi import BackgroundTasks, FastAPI, Response

app = FastAPI()
workers = asyncio.Semaphore(4)
jobs = {}
seen = {"accepted": 0, "polls": 0}


async def work(number: int):
    async with workers:
        await asyncio.sleep(0.3)
    jobs[number]["done"] = time.monotonic()


@app.post("/process", status_code=202)
async def process(tasks: BackgroundTasks, response: Response):
    number = seen["accepted"] = seen["accepted"] + 1
    jobs[number] = {"accepted": time.monotonic(), "done": None}
    tasks.add_task(work, number)
    response.headers["Location"] = f"jobs/{number}"
    return {"id": number, "status": "queued"}


@app.get("/jobs/{number}")
async def job(number: int):
    seen["polls"] += 1
    return {"id": number, "status": "done" if jobs[number]["done"] else "queued"}


@app.get("/truth")
async def truth():
    took = [j["done"] - j["accepted"] for j in jobs.values() if j["done"]]
    return {**seen, "done": len(took), "took": sorted(took)}

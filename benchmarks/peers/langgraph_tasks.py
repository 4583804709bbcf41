"""Seven nodes that do nothing, on LangGraph, each step's checkpoint written before the next begins."""

# pyright: basic, reportMissingImports=false
import asyncio
from typing import TypedDict

from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool
from rounds import STAGES, measure, options


class State(TypedDict):
    stage: int


async def nothing(state: State) -> State:
    return {"stage": state["stage"] + 1}


def chain() -> StateGraph:
    graph = StateGraph(State)
    names = [f"stage-{number}" for number in range(STAGES)]
    for name in names:
        graph.add_node(name, nothing)
    for before, after in zip([START, *names], [*names, END], strict=True):
        graph.add_edge(before, after)
    return graph


async def main() -> None:
    given = options(url="", server="0")

    async def carry_with(saver: object) -> None:
        await saver.setup()  # type: ignore[attr-defined]
        graph = chain().compile(checkpointer=saver)

        async def carry(name: str) -> None:
            config = {"configurable": {"thread_id": name}}
            done = await graph.ainvoke({"stage": 0}, config, durability="sync")
            assert done["stage"] == STAGES

        beside = (int(given.server),) if given.server != "0" else ()
        await measure(carry, given.tasks, given.rounds, beside)

    if given.url.startswith("sqlite"):
        async with AsyncSqliteSaver.from_conn_string(given.url.removeprefix("sqlite:///")) as saver:
            await carry_with(saver)
    else:
        settings = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}
        async with AsyncConnectionPool(given.url, min_size=4, max_size=20, kwargs=settings) as pool:
            await carry_with(AsyncPostgresSaver(pool))


asyncio.run(main())

import { body } from "./client";

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

export interface PageOf<T> {
  rows: T[];
  /** Asks for the next page; null on the last one. */
  next: string | null;
  total: number;
}

/** A page of a list: its rows, how many there are on all pages, and where the next begins. */
export async function pageOf<T>(call: Promise<Answer<T[]>>): Promise<PageOf<T>> {
  const answer = await call;
  const rows = await body(Promise.resolve(answer));
  const { headers } = answer.response;
  return { rows, next: headers.get("X-Next-Cursor"), total: Number(headers.get("X-Total-Count") ?? rows.length) };
}

/** All rows of a list that is short by its nature, page after page. */
export async function allOf<T>(page: (cursor: string | null) => Promise<Answer<T[]>>): Promise<T[]> {
  const rows: T[] = [];
  let cursor: string | null = null;
  do {
    const one: PageOf<T> = await pageOf(page(cursor));
    rows.push(...one.rows);
    cursor = one.next;
  } while (cursor !== null);
  return rows;
}

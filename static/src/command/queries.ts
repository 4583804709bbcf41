import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useDebouncedValue } from "@mantine/hooks";
import { api, body } from "../api/client";

const TYPED_MS = 150;

/** Tasks with these words, each once; none before there are two letters. */
export function useFound(query: string) {
  const [words] = useDebouncedValue(query.trim(), TYPED_MS);
  const { data = [] } = useQuery({
    queryKey: ["search", words],
    queryFn: () => body(api.GET("/search", { params: { query: { q: words, limit: 12 } } })),
    enabled: words.length > 1,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    gcTime: 60_000,
  });
  return query.trim().length > 1 ? [...new Map(data.map((hit) => [hit.task_id, hit])).values()] : [];
}

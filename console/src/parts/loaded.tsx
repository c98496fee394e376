import { Skeleton, Stack, VisuallyHidden } from "@mantine/core";
import type { ReactNode } from "react";
import { Failure } from "./failure";

interface Readable<T> {
  data: T | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => unknown;
}

/** Shows a query's data, or that it loads, that there is none yet, or why it failed. */
export function Loaded<T>({
  query,
  children,
  empty,
  isEmpty = (data) => Array.isArray(data) && data.length === 0,
  rows = 3,
}: {
  query: Readable<T>;
  children: (data: T) => ReactNode;
  empty?: ReactNode;
  isEmpty?: (data: T) => boolean;
  rows?: number;
}) {
  if (query.data !== undefined) {
    return <>{empty !== undefined && isEmpty(query.data) ? empty : children(query.data)}</>;
  }
  if (query.error) return <Failure error={query.error} retry={query.refetch} />;
  return (
    <Stack gap="sm" aria-busy="true">
      <VisuallyHidden role="status">Loading</VisuallyHidden>
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} height={64} radius="lg" />
      ))}
    </Stack>
  );
}

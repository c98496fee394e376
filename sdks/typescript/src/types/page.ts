/** One page of a list. `next_cursor` is absent or null on the last page. */
export interface Page<T> {
  items: T[];
  next_cursor?: string | null;
}

/** Where to continue a list and how many rows to return. */
export interface PageQuery {
  limit?: number;
  cursor?: string;
}

/** A decimal number as text, so that no digit is lost on the way. */
export type Decimal = string;

/** RFC 3339, UTC. */
export type Timestamp = string;

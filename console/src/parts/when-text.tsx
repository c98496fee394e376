import { when } from "../format/when";

/** A moment, with its full form for machines and on hover. */
export function WhenText({ at }: { at: string | null | undefined }) {
  if (!at) return <>–</>;
  return (
    <time dateTime={at} title={new Date(at).toLocaleString()}>
      {when(at)}
    </time>
  );
}

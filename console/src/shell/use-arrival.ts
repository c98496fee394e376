import { type RefObject, useEffect } from "react";

let first = true;

/** Names the screen and gives its heading the focus, except for the first screen of a visit. */
export function useArrival(title: string, heading: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    document.title = `${title} · Mandate`;
    if (!first) heading.current?.focus();
    // A strict-mode double call must not count as a second screen.
    const settled = setTimeout(() => {
      first = false;
    });
    return () => clearTimeout(settled);
  }, [title, heading]);
}

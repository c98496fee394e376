let taken: string | undefined;

/** Reads `#link=…` from the address, once, and removes it from the address bar and the history entry. */
export function takeLinkToken(): void {
  const token = new URLSearchParams(location.hash.slice(1)).get("link");
  if (token === null || token === "") return;
  taken = token;
  history.replaceState(null, "", location.pathname + location.search);
}

/** Hands the token out once: a link works a single time. */
export function spendLinkToken(): string | undefined {
  const token = taken;
  taken = undefined;
  return token;
}

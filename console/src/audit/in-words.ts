const WORDS: Record<string, string> = {
  "auth.register": "Account created",
  "auth.login": "Signed in",
  "auth.login_failed": "Failed sign-in",
  "auth.logout": "Signed out",
  "auth.step_up": "Password confirmed",
  "session.refresh": "Session renewed",
  "session.reuse": "Stolen token used, session ended",
  "session.revoked": "Session ended",
};

/** An event's name in words: its own where it is common, else the name itself read aloud. */
export function inWords(event: string): string {
  const known = WORDS[event];
  if (known !== undefined) return known;
  const [noun = "", ...verb] = event.split(".");
  const text = `${noun} ${verb.join(" ")}`.replaceAll("_", " ").trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

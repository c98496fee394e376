import { createClient, MandateError } from "@mandate/client";
import { QueryClient } from "@tanstack/react-query";
import { stepUpPrompt } from "./step-up/bridge";

export const client = createClient({ stepUp: stepUpPrompt });

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // Offline is a state of the screens, not a pause without end.
      networkMode: "always",
      staleTime: 5_000,
      retry: (count, error) => error instanceof MandateError && error.retryable && count < 1,
    },
    mutations: { networkMode: "always" },
  },
});

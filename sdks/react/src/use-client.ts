import type { MandateClient } from "@mandate/client";
import { useContext } from "react";
import { MandateContext, type MandateContextValue } from "./context.js";

export function useMandateContext(): MandateContextValue {
  const value = useContext(MandateContext);
  if (value === null) throw new Error("this needs a <MandateProvider> above it");
  return value;
}

/** The client, for calls that no hook covers. */
export function useClient(): MandateClient {
  return useMandateContext().client;
}

import type { Command } from "@mandate/client";

/** A stored command in words; undefined for one that shows as a decision card or not at all. */
export function describeCommand({ command, parameters }: Command): string | undefined {
  const word = (name: string) => String(parameters[name] ?? "");
  switch (command) {
    case "changeSymbol":
      return `Chart shows ${word("symbol")}`;
    case "setTimeframe":
      return `Timeframe ${word("timeframe")}`;
    case "addIndicator":
      return `Added ${word("indicator")} ${word("period")}`.trim();
    case "removeIndicator":
      return `Removed ${word("indicator") || "all indicators"}`;
    case "none":
    case "placeOrder":
    case "cancelOrder":
      return undefined;
    default:
      return `Not done: ${command} is not known here`;
  }
}

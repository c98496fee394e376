const WORDS: Record<string, string> = {
  max_order_value: "Order limit",
  max_daily_value: "Day's limit",
  max_daily_orders: "Orders a day",
  max_position_value: "Position limit",
  max_daily_loss: "Day's loss limit",
  approval_above: "Approval line",
  min_confidence: "Confidence",
  kill_switch: "Kill switch",
  instruments: "Instruments",
};

/** A rule's name for people; its own name stands beside it. */
export function ruleInWords(rule: string): string {
  const known = WORDS[rule];
  if (known !== undefined) return known;
  const text = rule.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

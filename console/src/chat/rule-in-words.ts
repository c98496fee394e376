const WORDS: Record<string, string> = {
  kill_switch: "Kill switch",
  mandate: "No mandate",
  account: "Account",
  action: "Action",
  instrument: "Instrument",
  hours: "Hours",
  confidence: "Confidence",
  price_collar: "Price too far off",
  order_value: "Order limit",
  position_value: "Position limit",
  daily_value: "Day's limit",
  daily_orders: "Orders a day",
  daily_loss: "Day's loss limit",
  duplicate: "Same again",
  approval_above: "Approval line",
};

/** A rule's name for people; its own name stands beside it. */
export function ruleInWords(rule: string): string {
  const known = WORDS[rule];
  if (known !== undefined) return known;
  const text = rule.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

import type { Agent } from "@mandate/client";
import { Button, Stack, Text, Title } from "@mantine/core";

const ALWAYS = ["Show IBM weekly with a 20-day average", "What do I hold?"];
const TRADING = ["Buy 1 AAPL"];

/** What to say first. */
export function Suggestions({ agent, onPick }: { agent: Agent; onPick: (text: string) => void }) {
  const texts = agent.capabilities.includes("trade") ? [...ALWAYS, ...TRADING] : ALWAYS;
  return (
    <Stack m="auto" align="center" ta="center" gap="xs" p="md" maw={380}>
      <Title order={2} size="h4">
        Talk to {agent.name}
      </Title>
      <Text c="dimmed" size="sm" mb="xs">
        {agent.description ?? "It can change the chart and, within your mandate, trade for you."}
      </Text>
      {texts.map((text) => (
        <Button key={text} variant="default" radius="xl" onClick={() => onPick(text)}>
          {text}
        </Button>
      ))}
    </Stack>
  );
}

import { Group, Text } from "@mantine/core";

/** The name and its mark. */
export function Brand({ compact = false }: { compact?: boolean }) {
  return (
    <Group gap={8} wrap="nowrap">
      <img src="/icon.svg" width={28} height={28} alt={compact ? "Mandate" : ""} />
      {!compact && (
        <Text fw={650} size="lg" component="span">
          Mandate
        </Text>
      )}
    </Group>
  );
}

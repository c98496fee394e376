import { Group, Progress, Text } from "@mantine/core";

/** How much of a limit is used; what is only reserved is shown lighter. */
export function UsageBar({
  label,
  used,
  reserved = 0,
  limit,
  write,
}: {
  label: string;
  used: number;
  reserved?: number;
  limit: number;
  write: (value: number) => string;
}) {
  const share = (value: number) => (limit > 0 ? Math.min(100, (value / limit) * 100) : 0);
  const full = used + reserved >= limit * 0.9;
  return (
    <div>
      <Group justify="space-between" gap="xs" mb={4}>
        <Text size="sm">{label}</Text>
        <Text size="sm" className="numbers" c="dimmed">
          {write(used + reserved)} of {write(limit)}
          {reserved > 0 ? ` (${write(reserved)} waiting)` : ""}
        </Text>
      </Group>
      <Progress.Root size="md">
        <Progress.Section
          value={share(used)}
          color={full ? "orange" : "sea"}
          aria-label={`${label}: used`}
          aria-valuetext={`${write(used)} of ${write(limit)}`}
        />
        {reserved > 0 && (
          <Progress.Section
            value={share(reserved)}
            color={full ? "orange.3" : "sea.3"}
            aria-label={`${label}: waiting`}
            aria-valuetext={`${write(reserved)} of ${write(limit)}`}
          />
        )}
      </Progress.Root>
    </div>
  );
}

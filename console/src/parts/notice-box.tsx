import { Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

/** What stands where content would be: nothing yet, not reachable, failed. */
export function NoticeBox({
  icon,
  title,
  children,
  action,
  role,
}: {
  icon: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  role?: "alert" | "status";
}) {
  return (
    <Stack align="center" gap="xs" py={48} px="md" ta="center" role={role}>
      <Text c="dimmed" component="span" lh={0}>
        {icon}
      </Text>
      <Title order={2} size="h4">
        {title}
      </Title>
      {children && (
        <Text c="dimmed" maw={440} className="wrap-anywhere">
          {children}
        </Text>
      )}
      {action && <div style={{ marginTop: 8 }}>{action}</div>}
    </Stack>
  );
}

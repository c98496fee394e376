import { Box, Group, Text, Title } from "@mantine/core";
import { type ReactNode, useRef } from "react";
import { useArrival } from "./use-arrival";

/** One screen: its heading takes the focus when the screen changes, so that keyboards and readers follow. */
export function Page({
  title,
  lead,
  action,
  children,
}: {
  title: string;
  lead?: ReactNode;
  action?: ReactNode;
  children: ReactNode;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useArrival(title, heading);
  return (
    <Box maw={1080} mx="auto" w="100%">
      <Group justify="space-between" align="flex-start" mb="lg" gap="sm">
        <Box style={{ flex: "1 1 260px" }}>
          <Title order={1} size="h2" ref={heading} tabIndex={-1} className="page-title">
            {title}
          </Title>
          {lead && (
            <Text c="dimmed" maw={640} mt={2}>
              {lead}
            </Text>
          )}
        </Box>
        {action}
      </Group>
      {children}
    </Box>
  );
}

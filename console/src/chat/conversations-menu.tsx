import { useConversations } from "@mandate/react";
import { ActionIcon, Button, Group, Menu, Text } from "@mantine/core";
import { when } from "../format/when";
import { IconDown, IconPlus } from "../parts/icons";

/** Earlier conversations, and a new one. */
export function ConversationsMenu({
  current,
  onOpen,
}: {
  current: string | undefined;
  onOpen: (id: string | undefined) => void;
}) {
  const conversations = useConversations();
  const items = conversations.data ?? [];
  return (
    <Group gap={4} wrap="nowrap">
      {items.length > 0 && (
        <Menu position="bottom-end" width={280}>
          <Menu.Target>
            <Button variant="subtle" color="gray" size="compact-sm" rightSection={<IconDown size={14} />}>
              Earlier
            </Button>
          </Menu.Target>
          <Menu.Dropdown mah={320} style={{ overflowY: "auto" }}>
            {items.map((one) => (
              <Menu.Item
                key={one.conversation_id}
                onClick={() => onOpen(one.conversation_id)}
                aria-current={one.conversation_id === current ? "true" : undefined}
              >
                <Text size="sm" truncate fw={one.conversation_id === current ? 600 : 400}>
                  {one.title || "Conversation"}
                </Text>
                <Text size="xs" c="dimmed">
                  {when(one.updated_at ?? one.created_at)}
                </Text>
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label="New conversation"
        onClick={() => onOpen(undefined)}
      >
        <IconPlus />
      </ActionIcon>
    </Group>
  );
}

import type { Session } from "@mandate/client";
import { useRevokeSession, useSession, useSessions } from "@mandate/react";
import { Badge, Button, Group, Stack, Text, Title } from "@mantine/core";
import { useConfirm } from "../parts/confirm";
import { Loaded } from "../parts/loaded";
import { tell } from "../parts/tell";
import { WhenText } from "../parts/when-text";
import { Page } from "../shell/page";

/** Each place where the person is signed in, and how to end it. */
export default function SessionsPage() {
  const sessions = useSessions();
  const { logout } = useSession();
  const [dialog, ask] = useConfirm();
  const everywhere = () =>
    ask({
      title: "Sign out everywhere?",
      text: "Every session ends, this one too.",
      yes: "Sign out everywhere",
      act: () => tell(() => logout({ all_devices: true }), "", "You are still signed in"),
    });
  return (
    <Page
      title="Where you are signed in"
      lead="If one of these is not you, end it and change your password."
      action={
        <Button variant="default" onClick={everywhere}>
          Sign out everywhere
        </Button>
      }
    >
      <Loaded query={sessions}>
        {(items) => (
          <Stack gap="sm">
            {items.map((one) => (
              <SessionCard key={one.session_id} session={one} />
            ))}
          </Stack>
        )}
      </Loaded>
      {dialog}
    </Page>
  );
}

function SessionCard({ session }: { session: Session }) {
  const revoke = useRevokeSession();
  const { device } = session;
  const name = device.name || [device.browser, device.os].filter(Boolean).join(" on ") || "Unknown device";
  return (
    <article className="surface" style={{ padding: "14px 18px" }} aria-label={name}>
      <Group justify="space-between">
        <div>
          <Group gap="xs">
            <Title order={2} size="h5">
              {name}
            </Title>
            {session.current && <Badge color="green">this one</Badge>}
            {session.remembered && <Badge color="gray">stays signed in</Badge>}
          </Group>
          <Text size="sm" c="dimmed">
            {[session.address, session.location].filter(Boolean).join(" · ") || "unknown address"} · last seen{" "}
            <WhenText at={session.last_seen_at} /> · since <WhenText at={session.created_at} />
          </Text>
        </div>
        {!session.current && (
          <Button
            size="xs"
            variant="default"
            loading={revoke.isPending}
            aria-label={`End the session on ${name}`}
            onClick={() => tell(() => revoke.mutateAsync(session.session_id), "Session ended", "It goes on")}
          >
            End
          </Button>
        )}
      </Group>
    </article>
  );
}

import type { AuditEvent } from "@mandate/client";
import { type AuditFilter, useAudit } from "@mandate/react";
import { Button, Center, Group, Select, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { Failure } from "../parts/failure";
import { IconScroll } from "../parts/icons";
import { Loaded } from "../parts/loaded";
import { NoticeBox } from "../parts/notice-box";
import { Rows } from "../parts/rows";
import { StatusBadge } from "../parts/status-badge";
import { WhenText } from "../parts/when-text";
import { Page } from "../shell/page";
import { inWords } from "./in-words";

const KINDS = [
  { value: "", label: "Everything" },
  { value: "auth.", label: "Signing in" },
  { value: "session.", label: "Sessions" },
  { value: "mandate.", label: "Mandates" },
  { value: "decision.", label: "Decisions" },
  { value: "approval.", label: "Approvals" },
  { value: "order.", label: "Orders" },
  { value: "kill_switch.", label: "Kill switch" },
];

/** The person's own audit log, newest first. */
export default function AuditPage() {
  const [kind, setKind] = useState("");
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const audit = useAudit(filterOf(kind, from, to));
  const filtered = kind !== "" || from !== "" || to !== "";
  return (
    <Page
      title="Audit log"
      lead="Who did what in your name. Each line is linked into a signed chain: a later change would show."
    >
      <Group mb="md" align="flex-end">
        <Select
          label="What"
          data={KINDS}
          value={kind}
          allowDeselect={false}
          onChange={(value) => setKind(value ?? "")}
        />
        <TextInput
          label="From"
          type="date"
          value={from}
          onChange={(event) => setFrom(event.currentTarget.value)}
        />
        <TextInput label="To" type="date" value={to} onChange={(event) => setTo(event.currentTarget.value)} />
      </Group>
      <Loaded
        query={{ ...audit, data: audit.data?.pages.flatMap((page) => page.items) }}
        rows={6}
        empty={
          <div className="surface">
            <NoticeBox icon={<IconScroll size={32} />} title={filtered ? "Nothing like that" : "Nothing yet"}>
              {filtered
                ? "No event matches what you asked for."
                : "What happens in your name is written here."}
            </NoticeBox>
          </div>
        }
      >
        {(events) => (
          <Rows
            label="Audit events"
            rows={events}
            id={(event) => event.event_id}
            columns={[
              { name: "Time", cell: (event) => <WhenText at={event.at} /> },
              { name: "What", cell: (event) => <What event={event} /> },
              { name: "Who", cell: (event) => who(event) },
              { name: "Outcome", cell: (event) => <StatusBadge status={event.outcome} /> },
            ]}
          />
        )}
      </Loaded>
      {audit.error && audit.data && <Failure error={audit.error} retry={audit.fetchNextPage} />}
      {audit.hasNextPage && (
        <Center mt="md">
          <Button variant="default" loading={audit.isFetchingNextPage} onClick={() => audit.fetchNextPage()}>
            Show earlier events
          </Button>
        </Center>
      )}
    </Page>
  );
}

function What({ event }: { event: AuditEvent }) {
  const resource = typeof event.resource === "object" ? event.resource?.id : event.resource;
  return (
    <span>
      {inWords(event.event)}
      <Text size="xs" c="dimmed" className="wrap-anywhere">
        {[event.event, resource, event.reason].filter(Boolean).join(" · ")}
      </Text>
    </span>
  );
}

function who(event: AuditEvent): string {
  if (event.actor?.startsWith("agt_")) return "an agent, for you";
  if (!event.actor || event.on_behalf_of) return event.client ?? "the server, for you";
  return event.address ? `you, from ${event.address}` : "you";
}

/** Days are the reader's own; the last one counts whole. */
function filterOf(kind: string, from: string, to: string): AuditFilter {
  const filter: AuditFilter = {};
  if (kind !== "") filter.event = kind;
  if (from !== "") filter.from = new Date(`${from}T00:00:00`).toISOString();
  if (to !== "") filter.to = new Date(new Date(`${to}T00:00:00`).getTime() + 86_400_000).toISOString();
  return filter;
}

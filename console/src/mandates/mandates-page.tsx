import { useMandates } from "@mandate/react";
import { Button, Stack, Text, Title } from "@mantine/core";
import { Link } from "wouter";
import { IconPlus, IconShield } from "../parts/icons";
import { Loaded } from "../parts/loaded";
import { NoticeBox } from "../parts/notice-box";
import { Page } from "../shell/page";
import { MandateCard } from "./mandate-card";

/** What each agent may do, and how much of it is used today. */
export default function MandatesPage() {
  const mandates = useMandates();
  const add = (
    <Button component={Link} href="/mandates/new" leftSection={<IconPlus size={18} />}>
      New mandate
    </Button>
  );
  return (
    <Page
      title="Mandates"
      lead="An agent acts only within its mandate. You can end it at any time."
      action={add}
    >
      <Loaded
        query={mandates}
        empty={
          <div className="surface">
            <NoticeBox
              icon={<IconShield size={32} />}
              title="No agent may trade yet"
              action={
                <Button component={Link} href="/mandates/new">
                  Write a mandate
                </Button>
              }
            >
              Say which accounts, which instruments and how much. Anything beyond is refused, or waits for
              you.
            </NoticeBox>
          </div>
        }
      >
        {(items) => {
          const active = items.filter((one) => one.status === "active");
          const ended = items.filter((one) => one.status !== "active");
          return (
            <Stack>
              {active.map((one) => (
                <MandateCard key={one.mandate_id} mandate={one} />
              ))}
              {active.length === 0 && <Text c="dimmed">No mandate is active: no agent may trade.</Text>}
              {ended.length > 0 && (
                <>
                  <Title order={2} size="h4" mt="md">
                    Ended
                  </Title>
                  {ended.map((one) => (
                    <MandateCard key={one.mandate_id} mandate={one} />
                  ))}
                </>
              )}
            </Stack>
          );
        }}
      </Loaded>
    </Page>
  );
}

import type { TradingAccount } from "@mandate/client";
import { useAccounts, useUnlinkAccount } from "@mandate/react";
import { Button, Group, SimpleGrid, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { money } from "../format/money";
import { useConfirm } from "../parts/confirm";
import { IconPlus, IconWallet } from "../parts/icons";
import { Loaded } from "../parts/loaded";
import { NoticeBox } from "../parts/notice-box";
import { StatusBadge } from "../parts/status-badge";
import { tell } from "../parts/tell";
import { WhenText } from "../parts/when-text";
import { Page } from "../shell/page";
import { CredentialsDialog } from "./credentials-dialog";
import { LinkAccountDialog } from "./link-account-dialog";

/** The accounts that agents may be allowed to trade in. */
export default function AccountsPage() {
  const accounts = useAccounts();
  const [open, { open: show, close }] = useDisclosure(false);
  const add = (
    <Button leftSection={<IconPlus size={18} />} onClick={show}>
      Link an account
    </Button>
  );
  return (
    <Page
      title="Trading accounts"
      lead="Credentials are sealed when they arrive and never shown again."
      action={add}
    >
      <Loaded
        query={accounts}
        empty={
          <div className="surface">
            <NoticeBox
              icon={<IconWallet size={32} />}
              title="No account yet"
              action={<Button onClick={show}>Link your first account</Button>}
            >
              Begin with a paper account: play money, real past prices, nothing to lose.
            </NoticeBox>
          </div>
        }
      >
        {(items) => (
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
            {items.map((account) => (
              <AccountCard key={account.account_id} account={account} />
            ))}
          </SimpleGrid>
        )}
      </Loaded>
      <LinkAccountDialog open={open} onClose={close} />
    </Page>
  );
}

function AccountCard({ account }: { account: TradingAccount }) {
  const unlink = useUnlinkAccount();
  const [credentials, { open: showCredentials, close: hideCredentials }] = useDisclosure(false);
  const [dialog, ask] = useConfirm();
  const remove = () =>
    ask({
      title: `Remove ${account.name}?`,
      text: "Its credentials are destroyed and mandates for it stop working. The audit log keeps what happened.",
      yes: "Remove",
      act: () => tell(() => unlink.mutateAsync(account.account_id), "Account removed", "It was not removed"),
    });
  return (
    <article className="surface" style={{ padding: 18 }} aria-label={account.name}>
      <Group justify="space-between" wrap="nowrap">
        <Title order={2} size="h4" className="wrap-anywhere">
          {account.name}
        </Title>
        <StatusBadge status={account.status} />
      </Group>
      <Text c="dimmed" size="sm">
        {account.broker}
        {account.currency ? ` · ${account.currency}` : ""}
        {account.user_id_broker ? ` · ${account.user_id_broker}` : ""}
      </Text>
      {account.cash !== undefined && (
        <Text mt="xs" className="numbers">
          Cash {money(account.cash, account.currency)}
          {account.worth !== undefined && ` · worth ${money(account.worth, account.currency)}`}
        </Text>
      )}
      <Text size="sm" c="dimmed" mt="xs">
        Linked <WhenText at={account.created_at} />
      </Text>
      <Group mt="md" gap="xs">
        {account.broker !== "paper" && (
          <Button
            size="xs"
            variant={account.status === "active" ? "default" : "filled"}
            onClick={showCredentials}
          >
            New credentials
          </Button>
        )}
        <Button size="xs" variant="subtle" color="red" onClick={remove}>
          Remove
        </Button>
      </Group>
      {dialog}
      <CredentialsDialog account={account} open={credentials} onClose={hideCredentials} />
    </article>
  );
}

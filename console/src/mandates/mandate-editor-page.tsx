import { useAccounts, useAgents, useMandate, useSymbols } from "@mandate/react";
import { Button, Loader } from "@mantine/core";
import { Link } from "wouter";
import { Failure } from "../parts/failure";
import { IconWallet } from "../parts/icons";
import { Loaded } from "../parts/loaded";
import { NoticeBox } from "../parts/notice-box";
import { Page } from "../shell/page";
import { MandateForm } from "./mandate-form";

/** Writes a mandate, or changes one. */
export default function MandateEditorPage({ id }: { id?: string | undefined }) {
  const agents = useAgents();
  const accounts = useAccounts();
  const symbols = useSymbols();
  const mandate = useMandate(id);
  const lead =
    id === undefined
      ? "Anything that is not allowed here is refused. Start small; you can widen it later."
      : "Tightening works at once. Widening asks for your password.";
  return (
    <Page title={id === undefined ? "New mandate" : "Change the mandate"} lead={lead}>
      <Loaded query={accounts} rows={5}>
        {(items) =>
          items.length === 0 ? (
            <div className="surface">
              <NoticeBox
                icon={<IconWallet size={32} />}
                title="First, an account"
                action={
                  <Button component={Link} href="/accounts">
                    Link an account
                  </Button>
                }
              >
                A mandate says in which accounts an agent may trade, so there has to be one.
              </NoticeBox>
            </div>
          ) : mandate.error && id !== undefined ? (
            <Failure error={mandate.error} retry={mandate.refetch} />
          ) : agents.error && !agents.data ? (
            <Failure error={agents.error} retry={agents.refetch} />
          ) : !agents.data || (id !== undefined && !mandate.data) ? (
            <Loader aria-label="Loading" />
          ) : (
            <MandateForm
              key={id ?? "new"}
              mandate={mandate.data}
              agents={agents.data}
              accounts={items}
              symbols={symbols.data?.map((one) => one.symbol) ?? []}
            />
          )
        }
      </Loaded>
    </Page>
  );
}

import { Center, Loader } from "@mantine/core";
import { lazy, Suspense } from "react";
import { Redirect, Route, Switch } from "wouter";
import { ChartViewProvider } from "./chart/chart-view";
import { ConversationProvider } from "./chat/conversation";
import { HomePage } from "./home/home-page";
import { IconAlert } from "./parts/icons";
import { NoticeBox } from "./parts/notice-box";
import { Page } from "./shell/page";
import { Shell } from "./shell/shell";
import { StepUpDialog } from "./step-up/step-up-dialog";

const AccountsPage = lazy(() => import("./accounts/accounts-page"));
const MandatesPage = lazy(() => import("./mandates/mandates-page"));
const MandateEditorPage = lazy(() => import("./mandates/mandate-editor-page"));
const ApprovalsPage = lazy(() => import("./approvals/approvals-page"));
const OrdersPage = lazy(() => import("./orders/orders-page"));
const SessionsPage = lazy(() => import("./sessions/sessions-page"));
const AuditPage = lazy(() => import("./audit/audit-page"));
const SettingsPage = lazy(() => import("./settings/settings-page"));

/** The console of a person who is signed in. Each screen but the first is loaded when it is opened. */
export default function SignedIn() {
  return (
    <ChartViewProvider>
      <ConversationProvider>
        <Shell>
          <Suspense fallback={<Waiting />}>
            <Switch>
              <Route path="/">
                <HomePage />
              </Route>
              <Route path="/accounts" component={AccountsPage} />
              <Route path="/mandates" component={MandatesPage} />
              <Route path="/mandates/new">
                <MandateEditorPage />
              </Route>
              <Route path="/mandates/:id">{({ id }) => <MandateEditorPage id={id} />}</Route>
              <Route path="/approvals" component={ApprovalsPage} />
              <Route path="/orders" component={OrdersPage} />
              <Route path="/sessions" component={SessionsPage} />
              <Route path="/audit" component={AuditPage} />
              <Route path="/settings" component={SettingsPage} />
              <Route path="/login">
                <Redirect to={next()} replace />
              </Route>
              <Route path="/signup">
                <Redirect to="/" replace />
              </Route>
              <Route>
                <Page title="Not found">
                  <NoticeBox icon={<IconAlert size={32} />} title="There is no such page">
                    The address may be old or mistyped.
                  </NoticeBox>
                </Page>
              </Route>
            </Switch>
          </Suspense>
          <StepUpDialog />
        </Shell>
      </ConversationProvider>
    </ChartViewProvider>
  );
}

/** Where the person was going before they had to sign in; only paths of this site. */
function next(): string {
  const path = new URLSearchParams(location.search).get("next") ?? "/";
  return /^\/(?![/\\])/.test(path) && path !== "/login" ? path : "/";
}

function Waiting() {
  return (
    <Center py={96} aria-busy="true">
      <Loader aria-label="Loading" />
    </Center>
  );
}

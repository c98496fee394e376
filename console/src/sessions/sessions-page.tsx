import { Page } from "../shell/page";

export default function SessionsPage() {
  return <Page title="sessions">{null}</Page>;
}

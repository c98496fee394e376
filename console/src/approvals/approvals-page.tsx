import { Page } from "../shell/page";

export default function ApprovalsPage() {
  return <Page title="approvals">{null}</Page>;
}

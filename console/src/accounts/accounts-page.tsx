import { Page } from "../shell/page";

export default function AccountsPage() {
  return <Page title="accounts">{null}</Page>;
}

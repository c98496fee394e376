import { Page } from "../shell/page";

export default function OrdersPage() {
  return <Page title="orders">{null}</Page>;
}

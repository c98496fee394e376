import { Page } from "../shell/page";

export default function MandatesPage() {
  return <Page title="mandates">{null}</Page>;
}

import { Page } from "../shell/page";

export default function MandateEditorPage({ id }: { id?: string | undefined }) {
  return <Page title="Mandate">{id}</Page>;
}

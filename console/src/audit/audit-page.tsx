import { Page } from "../shell/page";

export default function AuditPage() {
  return <Page title="audit">{null}</Page>;
}

import { PASSWORD } from "./person";

/** The same person's API, for what a test needs but does not show: signed in apart from the page. */
export async function api(url: string, email: string) {
  const send = async (method: string, path: string, body?: object, token?: string) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(body && { "content-type": "application/json" }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === "" ? undefined : text.startsWith("{") || text.startsWith("[") ? JSON.parse(text) : text;
  };
  const { access_token } = await send("POST", "/v1/auth/login", {
    email,
    password: PASSWORD,
    delivery: "body",
  });
  return {
    get: (path: string) => send("GET", path, undefined, access_token),
    post: (path: string, body: object) => send("POST", path, body, access_token),
  };
}

export type Api = Awaited<ReturnType<typeof api>>;

/** A paper account with 10,000 and the tour's mandate for the first agent. */
export async function furnish(person: Api): Promise<{ account: string; agent: string }> {
  const { account_id } = await person.post("/v1/trading-accounts", {
    broker: "paper",
    name: "Practice",
    currency: "USD",
    cash: "10000",
  });
  const [{ agent_id }] = await person.get("/v1/agents");
  await person.post("/v1/mandates", {
    agent_id,
    account_ids: [account_id],
    actions: ["buy", "sell"],
    instruments: { allow: ["AAPL", "IBM"] },
    limits: { max_order_value: "1000", max_daily_value: "1500", max_daily_orders: 10, currency: "USD" },
    approval_above: "500",
  });
  return { account: account_id, agent: agent_id };
}

/** Says something to an agent and waits for the end of its answer. */
export async function say(person: Api, agent: string, text: string): Promise<string> {
  return person.post(`/v1/agents/${agent}/chat`, { text });
}

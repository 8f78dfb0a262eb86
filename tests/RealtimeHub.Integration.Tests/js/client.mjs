// The stock client, driven line by line: node client.mjs <hub address> <transport> <token>
// Prints "connected"; then answers "invoke" with who the caller is, and "stop" with "stopped".
import { createInterface } from "node:readline";
import { HttpTransportType, HubConnectionBuilder, LogLevel } from "@microsoft/signalr";

const [address, transport, token] = process.argv.slice(2);

const connection = new HubConnectionBuilder()
  .withUrl(address, { transport: HttpTransportType[transport], accessTokenFactory: () => token })
  .configureLogging(LogLevel.Warning)
  .build();

connection.onclose((error) => {
  if (error) {
    console.error(error);
    process.exit(1);
  }
});

await connection.start();
console.log("connected");

for await (const command of createInterface({ input: process.stdin })) {
  if (command === "stop") {
    await connection.stop();
    console.log("stopped");
    process.exit(0);
  }

  console.log(await connection.invoke("WhoAmI"));
}

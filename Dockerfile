# The server with the dashboard: without a shell or a package manager, and not as root.

FROM node:22-slim AS dashboard
WORKDIR /source
COPY src/realtimehub-client src/realtimehub-client
COPY samples/Dashboard samples/Dashboard
RUN cd src/realtimehub-client && npm ci --no-audit --no-fund && npm run build
RUN cd samples/Dashboard && npm ci --no-audit --no-fund && npm run build

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS server
WORKDIR /source
COPY global.json NuGet.config Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY eng eng
COPY src src
RUN dotnet publish src/RealtimeHub.Server --configuration Release --output /app && mkdir /data

FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled
WORKDIR /app
COPY --from=server /app ./
COPY --from=dashboard /source/samples/Dashboard/dist dashboard
COPY --from=server --chown=1654:1654 /data /data
ENV ASPNETCORE_URLS=http://+:5080 \
    Storage__Path=/data
# The user app of the base image, by its number: orchestrators want to see that it is not root.
USER 1654
VOLUME /data
EXPOSE 5080
ENTRYPOINT ["dotnet", "RealtimeHub.Server.dll"]

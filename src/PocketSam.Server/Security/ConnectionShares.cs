using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Connections;
using PocketSam.Server.Api;

namespace PocketSam.Server.Security;

/// <summary>Limits the number of connections of one client; further ones are closed at once.</summary>
/// <param name="limit">Number of concurrent connections of one client.</param>
internal sealed class ConnectionShares(int limit)
{
    private readonly ConcurrentDictionary<ClientAddress, int> _counts = new();

    /// <summary>Serves a connection, or closes it if the client has too many.</summary>
    public async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        ClientAddress client = ClientAddress.Of((connection.RemoteEndPoint as IPEndPoint)?.Address);
        try
        {
            if (_counts.AddOrUpdate(client, 1, (_, count) => count + 1) <= limit)
                await next(connection);
        }
        finally
        {
            if (_counts.AddOrUpdate(client, 0, (_, count) => count - 1) == 0)
                _counts.TryRemove(KeyValuePair.Create(client, 0));
        }
    }
}

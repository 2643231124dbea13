using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace PocketSam.Server.Security;

/// <summary>
/// Who a client is to the rate limit: an IPv4 address, or the 64 bits of a network that IPv6 gives one customer.
/// </summary>
internal readonly record struct ClientAddress(ulong Value, bool IsVersion6)
{
    public static ClientAddress Of(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is not { } address)
            return default;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bool isVersion6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        return new ClientAddress(BitConverter.ToUInt64(bytes), isVersion6);
    }
}

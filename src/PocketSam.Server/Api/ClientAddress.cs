using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace PocketSam.Server.Api;

/// <summary>
/// Who a client is where clients have rates and shares: an IPv4 address, or the 64 bits of a network that IPv6 gives one
/// customer.
/// </summary>
internal readonly record struct ClientAddress(ulong Value, bool IsVersion6)
{
    public static ClientAddress Of(HttpContext context) => Of(context.Connection.RemoteIpAddress);

    public static ClientAddress Of(IPAddress? address)
    {
        if (address is null)
            return default;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bool isVersion6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        return new ClientAddress(BitConverter.ToUInt64(bytes), isVersion6);
    }
}

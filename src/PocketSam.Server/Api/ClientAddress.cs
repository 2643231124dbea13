using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace PocketSam.Server.Api;

/// <summary>
/// Identity of a client for rates and shares: an IPv4 address, or the first 64 bits of an IPv6 address, the network
/// that a customer usually gets.
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

using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace PocketSam.Cli.Serving;

/// <summary>What verbs that open a page have in common: where it listens, what it logs, how it starts.</summary>
internal static class ServiceHost
{
    private const string Localhost = "localhost";
    private const string AnyAddress = "*";

    /// <summary>The address that a person has named.</summary>
    public static IPAddress Address(string host) => host switch
    {
        Localhost => IPAddress.Loopback,
        AnyAddress => IPAddress.IPv6Any,
        _ when IPAddress.TryParse(host, out IPAddress? address) => address,
        _ => throw new UsageException(
            $"--host {host}: expected an address of this machine, such as 127.0.0.1 or 0.0.0.0, or '*'"),
    };

    /// <summary>Lines for people where they watch, JSON for programs elsewhere; standard output is left to results.</summary>
    public static void Log(ILoggingBuilder logging, Terminal terminal)
    {
        logging.Services.Configure<ConsoleLoggerOptions>(
            console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        if (terminal.IsInteractive)
        {
            logging.AddSimpleConsole(console => console.SingleLine = true);
            logging.SetMinimumLevel(LogLevel.Warning);
        }
        else
        {
            logging.AddJsonConsole(console => console.TimestampFormat = "O");
            logging.AddFilter("Microsoft", LogLevel.Warning);
        }
    }

    /// <summary>Starts it, or says in one line why it cannot listen.</summary>
    public static void Start(WebApplication application, IPEndPoint place)
    {
        try
        {
            application.StartAsync().GetAwaiter().GetResult();
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new IOException(
                $"port {place.Port} of {place.Address} is in use; give another with --port, or 0 for a free one", e);
        }
        catch (SocketException e)
        {
            throw new IOException($"cannot listen on {place}: {e.Message}", e);
        }
    }

    /// <summary>An address that a browser of this machine can open.</summary>
    public static string Url(WebApplication application, IPAddress address)
    {
        int port = new Uri(application.Urls.First()).Port;
        bool isAny = address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
        return $"http://{new IPEndPoint(isAny ? IPAddress.Loopback : address, port)}/";
    }
}

using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace HqTrack.Web;

/// <summary>Where Kestrel listens, and what it takes before a request is looked at.</summary>
internal static class Listening
{
    /// <summary>Sets it up.</summary>
    public static void Configure(KestrelServerOptions kestrel, ServeOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = options.Limits.JsonBytes; // endpoints that take more say so
        kestrel.Limits.RequestHeadersTimeout = options.Limits.HeadersTime;
        kestrel.Limits.MaxConcurrentConnections = 4096;
        kestrel.Limits.MinRequestBodyDataRate = new(bytesPerSecond: 1024, gracePeriod: options.Limits.SlowBodyTime);
        if (options.Host == "localhost")
        {
            if (options.Port == 0)
            {
                kestrel.Listen(IPAddress.Loopback, 0);
            }
            else
            {
                kestrel.ListenLocalhost(options.Port);
            }
        }
        else if (options.Host == "*")
        {
            kestrel.ListenAnyIP(options.Port);
        }
        else
        {
            kestrel.Listen(IPAddress.Parse(options.Host), options.Port);
        }
    }
}

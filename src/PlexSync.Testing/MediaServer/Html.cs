using PlexSync.Testing.Hosting;

namespace PlexSync.Testing.MediaServer;

/// <summary>Errors are HTML whatever the client accepts (plex-facts §1.2, §2.3).</summary>
internal static class Html
{
    public static Answer Error(int status)
    {
        var title = status switch
        {
            400 => "Bad Request",
            401 => "Unauthorized",
            403 => "Forbidden",
            _ => "Not Found",
        };
        return Answer.Text(status, "text/html", $"<html><head><title>{title}</title></head><body><h1>{status} {title}</h1></body></html>");
    }

    /// <summary>What a server answers while it starts (plex-facts §12).</summary>
    public static Answer Maintenance() => Answer.Text(503, "application/xml",
        """<?xml version="1.0" encoding="UTF-8"?>"""
        + """<Response code="503" title="Maintenance" status="Plex Media Server is currently running startup maintenance tasks."/>""");

    /// <summary>What a server answers to a write while it starts; nothing else in the body says so (plex-facts §14.1).</summary>
    public static Answer StartingUp() => Answer.Text(400, "text/html",
        "<html><head><title>Bad Request</title></head>"
        + "<body><h1>400 Bad Request</h1><p>Plex Media Server is still starting up.</p></body></html>");

    /// <summary>What the gatekeeper answers; null where there is none.</summary>
    public static Answer? Gate(Gatekeeper gatekeeper) => gatekeeper switch
    {
        Gatekeeper.BasicAuthentication => Answer.Text(401, "text/html",
                "<html><head><title>401 Authorization Required</title></head>"
                + "<body><center><h1>401 Authorization Required</h1></center></body></html>")
            .With("WWW-Authenticate", "Basic realm=\"Restricted\""),
        Gatekeeper.RobotCheck => Answer.Text(403, "text/html; charset=UTF-8",
                "<!DOCTYPE html><html lang=\"en-US\"><head><title>Just a moment...</title></head>"
                + "<body><h1>media.example.org</h1><p>Checking if the site connection is secure</p></body></html>")
            .With("Server", "cloudflare").With("CF-RAY", "8a0000000000abcd-LHR"),
        _ => null,
    };
}

using System.Diagnostics;
using System.Text;

namespace PocketSam.Packages.Tests;

/// <summary>Runs programs as a user of the packages would.</summary>
internal static class Shell
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(9);

    /// <summary>Runs a program to its end; one that fails fails the test with all that it wrote.</summary>
    /// <returns>What it wrote.</returns>
    public static string Run(
        string folder, IReadOnlyDictionary<string, string> environment, string program, params string[] arguments)
    {
        var output = new StringBuilder();
        using Process process = Start(folder, environment, program, arguments, line =>
        {
            lock (output)
                output.AppendLine(line);
        });
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} {string.Join(' ', arguments)}: not done after {Patience}\n{output}");
        }

        process.WaitForExit();
        lock (output)
        {
            Assert.True(
                process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: exit code {process.ExitCode}\n{output}");
            return output.ToString();
        }
    }

    /// <summary>Starts a program; <paramref name="onLine"/> gets the lines of standard output and error.</summary>
    public static Process Start(
        string folder, IReadOnlyDictionary<string, string> environment, string program, string[] arguments,
        Action<string> onLine)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // What the build that runs the tests says to itself is not for the builds of users.
        foreach (string name in start.Environment.Keys.Where(IsOfBuild).ToArray())
            start.Environment.Remove(name);
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, e) => Tell(e.Data);
        process.ErrorDataReceived += (_, e) => Tell(e.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;

        void Tell(string? line)
        {
            if (line is not null)
                onLine(line);
        }
    }

    private static bool IsOfBuild(string name)
        => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("VSTEST", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("POCKETSAM_", StringComparison.OrdinalIgnoreCase);
}

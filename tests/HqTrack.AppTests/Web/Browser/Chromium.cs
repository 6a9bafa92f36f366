using System.Globalization;
using System.Text.Json;
using OpenQA.Selenium;
using OpenQA.Selenium.Chrome;

namespace HqTrack.AppTests.Web.Browser;

/// <summary>The system's Chromium without a window, and everything it wrote and asked for.</summary>
internal sealed class Chromium : IDisposable
{
    private readonly ChromeDriverService service;
    private readonly ChromeDriver driver;

    /// <param name="downloads">Where downloads go.</param>
    /// <param name="url">The page to open.</param>
    public Chromium(string downloads, Uri url)
    {
        var program = Find("chromium", "chromium-browser", "google-chrome")!;
        var options = new ChromeOptions { BinaryLocation = program };
        options.AddArguments(
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1400,900");
        options.AddUserProfilePreference("download.default_directory", downloads);
        options.SetLoggingPreference(LogType.Browser, LogLevel.All);
        options.SetLoggingPreference("performance", LogLevel.All);
        service = ChromeDriverService.CreateDefaultService(Path.GetDirectoryName(Find("chromedriver")!)!, "chromedriver");
        service.HideCommandPromptWindow = true;
        driver = new ChromeDriver(service, options);
        driver.Navigate().GoToUrl(url);
    }

    /// <summary>Why browser tests cannot run here; null where they can.</summary>
    public static string? Missing { get; } =
        Find("chromium", "chromium-browser", "google-chrome") is null ? "no chromium on this machine" : Find("chromedriver") is null ? "no chromedriver on this machine" : null;

    /// <summary>Runs JavaScript ("return ..." gives a value).</summary>
    public object? Run(string script, params object[] arguments) => driver.ExecuteScript(script, arguments);

    /// <summary>Runs JavaScript that gives a promise, and waits for it.</summary>
    public object? Await(string expression) => driver.ExecuteAsyncScript($"const done = arguments[0]; ({expression}).then(done, e => done(`failed: ${{e}}`));");

    /// <summary>Sends a command of the DevTools protocol.</summary>
    public void Command(string name, Dictionary<string, object?> parameters) => driver.ExecuteCdpCommand(name, parameters);

    /// <summary>Waits until a JavaScript expression is true.</summary>
    public void Until(string expression, double seconds = 60)
    {
        var end = DateTime.UtcNow.AddSeconds(seconds);
        while (Run($"return Boolean({expression})") is not true)
        {
            Assert.True(DateTime.UtcNow < end, $"{seconds.ToString(CultureInfo.InvariantCulture)} s passed, and this is not so: {expression}; the page says: {Run("return [...document.querySelectorAll('[role=alert], [role=status]')].map(n => n.textContent).join(' | ')")}; the focus is on {Run("return document.activeElement?.outerHTML.slice(0, 200)")}");
            Thread.Sleep(50);
        }
    }

    /// <summary>What the page shows.</summary>
    public IWebElement Element(string selector) => driver.FindElement(By.CssSelector(selector));

    /// <summary>Presses keys where the focus is.</summary>
    public void Press(string keys) => driver.SwitchTo().ActiveElement().SendKeys(keys);

    /// <summary>Opens another page.</summary>
    public void Go(Uri url) => driver.Navigate().GoToUrl(url);

    /// <summary>What the browser holds to be wrong: errors of scripts, refused content, requests that failed.</summary>
    public IReadOnlyList<string> Errors() => [.. driver.Manage().Logs.GetLog(LogType.Browser).Where(entry => entry.Level >= LogLevel.Warning).Select(entry => entry.Message)];

    /// <summary>Addresses that were asked for since the last call.</summary>
    public IReadOnlyList<Uri> Requests() =>
    [
        .. driver.Manage().Logs.GetLog("performance")
            .Select(entry => JsonDocument.Parse(entry.Message).RootElement.GetProperty("message"))
            .Where(message => message.GetProperty("method").GetString() == "Network.requestWillBeSent")
            .Select(message => new Uri(message.GetProperty("params").GetProperty("request").GetProperty("url").GetString()!)),
    ];

    /// <summary>A picture of the page as PNG.</summary>
    public byte[] Picture() => driver.GetScreenshot().AsByteArray;

    public void Dispose()
    {
        driver.Dispose();
        service.Dispose();
    }

    private static string? Find(params string[] names) =>
        (from name in names
         from folder in (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
         let path = Path.Combine(folder, name)
         where File.Exists(path)
         select path).FirstOrDefault();
}

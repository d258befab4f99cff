// The Go SDK's client: `interop legacy|modern`. The checks are those of ../clients/run-checks.mjs.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/modelcontextprotocol/go-sdk/oauthex"
)

const (
	redirectURL = "http://127.0.0.1:33418/callback"
	checkTime   = 45 * time.Second
	seenTime    = 5 * time.Second
)

var stage struct {
	MCPURL         string `json:"mcpUrl"`
	ControlURL     string `json:"controlUrl"`
	Node           string `json:"node"`
	BrowserProgram string `json:"browserProgram"`
}

type arrival struct {
	Target  string `json:"target"`
	Body    string `json:"body"`
	Aborted bool   `json:"aborted"`
}

type notOffered string

func (reason notOffered) Error() string { return string(reason) }

type connection struct {
	*mcp.ClientSession
	changed chan struct{}
}

func report(check, status, detail string) {
	line, _ := json.Marshal(map[string]string{"check": check, "status": status, "detail": detail})
	fmt.Println(string(line))
}

func run(check string, body func(context.Context) (string, error)) bool {
	ctx, cancel := context.WithTimeout(context.Background(), checkTime)
	defer cancel()
	detail, err := body(ctx)
	var missing notOffered
	switch {
	case err == nil:
		report(check, "ok", detail)
	case errors.As(err, &missing):
		report(check, "not offered", string(missing))
	default:
		report(check, "failed", oneLine(err.Error()))
	}
	return err == nil
}

func oneLine(text string) string {
	line := []rune(strings.Join(strings.Fields(text), " "))
	return string(line[:min(len(line), 400)])
}

func ask(method, path string, answer any) error {
	request, err := http.NewRequest(method, stage.ControlURL+path, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the run answered %s", body)
	}
	return json.Unmarshal(body, answer)
}

func arrivalOf(key string) (*arrival, error) {
	var found *arrival
	err := ask("GET", "/arrival?id="+url.QueryEscape(key), &found)
	return found, err
}

func waitFor(isSo func(*arrival) bool, key string) bool {
	for deadline := time.Now().Add(seenTime); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if found, err := arrivalOf(key); err == nil && found != nil && isSo(found) {
			return true
		}
	}
	return false
}

func newKey() string { return fmt.Sprintf("key-go-%d", time.Now().UnixNano()) }

// Where a desktop would open a browser.
func signIn(ctx context.Context, user, address string) (*auth.AuthorizationResult, error) {
	browser := exec.CommandContext(ctx, stage.Node, stage.BrowserProgram, address, "--print")
	browser.Env = append(os.Environ(), "INTEROP_USER="+user)
	callback, err := browser.Output()
	if err != nil {
		return nil, fmt.Errorf("the browser: %w", err)
	}
	parsed, err := url.Parse(string(callback))
	if err != nil {
		return nil, err
	}
	parameters := parsed.Query()
	if parameters.Get("code") == "" {
		return nil, fmt.Errorf("the authorization server refused: %s", parameters.Get("error"))
	}
	return &auth.AuthorizationResult{Code: parameters.Get("code"), State: parameters.Get("state"), Iss: parameters.Get("iss")}, nil
}

func connect(ctx context.Context, user, version string) (*connection, error) {
	handler, err := auth.NewAuthorizationCodeHandler(&auth.AuthorizationCodeHandlerConfig{
		RedirectURL: redirectURL,
		DynamicClientRegistrationConfig: &auth.DynamicClientRegistrationConfig{Metadata: &oauthex.ClientRegistrationMetadata{
			ClientName:              "interop of " + user,
			RedirectURIs:            []string{redirectURL},
			TokenEndpointAuthMethod: "none",
			GrantTypes:              []string{"authorization_code", "refresh_token"},
			ResponseTypes:           []string{"code"},
		}},
		AuthorizationCodeFetcher: func(ctx context.Context, args *auth.AuthorizationArgs) (*auth.AuthorizationResult, error) {
			return signIn(ctx, user, args.URL)
		},
	})
	if err != nil {
		return nil, err
	}
	changed := make(chan struct{}, 16)
	client := mcp.NewClient(&mcp.Implementation{Name: "interop", Version: "1"}, &mcp.ClientOptions{
		ToolListChangedHandler: func(context.Context, *mcp.ToolListChangedRequest) { changed <- struct{}{} },
	})
	transport := &mcp.StreamableClientTransport{Endpoint: stage.MCPURL, OAuthHandler: handler}
	session, err := client.Connect(ctx, transport, &mcp.ClientSessionOptions{ProtocolVersion: version})
	if err != nil {
		return nil, err
	}
	return &connection{session, changed}, nil
}

func (c *connection) names(ctx context.Context) ([]string, error) {
	var names []string
	for tool, err := range c.Tools(ctx, nil) {
		if err != nil {
			return nil, err
		}
		names = append(names, tool.Name)
	}
	return names, nil
}

func (c *connection) call(ctx context.Context, name string, arguments any) (bool, string, error) {
	result, err := c.CallTool(ctx, &mcp.CallToolParams{Name: name, Arguments: arguments})
	if err != nil {
		return false, "", err
	}
	var texts []string
	for _, block := range result.Content {
		if text, isText := block.(*mcp.TextContent); isText {
			texts = append(texts, text.Text)
		}
	}
	return result.IsError, strings.Join(texts, "\n"), nil
}

func main() {
	version := map[string]string{"legacy": "2025-11-25", "modern": ""}[os.Args[1]]
	if err := json.Unmarshal([]byte(os.Getenv("INTEROP_STAGE")), &stage); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var alice *connection
	if !run("login", func(ctx context.Context) (string, error) {
		var err error
		// The session must outlive this check.
		if alice, err = connect(context.WithoutCancel(ctx), "alice", version); err != nil {
			return "", err
		}
		return "OAuth, " + alice.InitializeResult().ProtocolVersion, nil
	}) {
		return
	}
	run("list", alice.checkList)
	run("call", alice.checkCall)
	run("tool error", alice.checkToolError)
	run("unknown tool", alice.checkUnknownTool)
	run("cancel", alice.checkCancel)
	run("list changed", alice.checkListChanged)
	run("step-up", alice.checkStepUp)
	run("missing scope", func(ctx context.Context) (string, error) { return checkMissingScope(ctx, version) })
	run("1,000 tools", func(ctx context.Context) (string, error) { return checkBulk(ctx, version) })
	os.Exit(0)
}

func (c *connection) checkList(ctx context.Context) (string, error) {
	names, err := c.names(ctx)
	if err != nil {
		return "", err
	}
	names = slices.DeleteFunc(names, func(name string) bool { return strings.HasPrefix(name, "probe_added") })
	slices.Sort(names)
	if listed := strings.Join(names, ","); listed != "probe_echo,probe_fail,probe_wait,probe_write" {
		return "", fmt.Errorf("it lists %s", listed)
	}
	return "", nil
}

func (c *connection) checkCall(ctx context.Context) (string, error) {
	key := newKey()
	identifier, query := key+" a/b?c%é", "x&y=z +ü/?"
	// The integer is beyond what a double can hold: Go and Gatehouse keep it.
	const big = 9007199254740993
	body := map[string]any{"text": "Zoë \"quoted\" \\ back\nline 漢字 🧾 \u0000", "decimal": 12.5, "big": big, "flag": false, "list": []any{"", "a,b", "%2F"}, "inner": map[string]any{"empty": ""}}
	arguments := map[string]any{"id": identifier, "q": query}
	for name, value := range body {
		arguments[name] = value
	}
	isError, text, err := c.call(ctx, "probe_echo", arguments)
	if err != nil {
		return "", err
	}
	if isError || !strings.Contains(text, key) {
		return "", fmt.Errorf("the answer came back as %s", text)
	}
	found, err := arrivalOf(key)
	if err != nil || found == nil {
		return "", fmt.Errorf("the API saw no call (%v)", err)
	}
	target, err := url.ParseRequestURI(found.Target)
	if err != nil {
		return "", err
	}
	if target.EscapedPath() != "/echo/"+strings.ReplaceAll(url.QueryEscape(identifier), "+", "%20") || target.Query().Get("q") != query || strings.Contains(target.RawQuery, "+") {
		return "", fmt.Errorf("the target arrived as %s", found.Target)
	}
	var received map[string]any
	decoder := json.NewDecoder(strings.NewReader(found.Body))
	decoder.UseNumber()
	if err := decoder.Decode(&received); err != nil {
		return "", err
	}
	body["decimal"], body["big"] = json.Number("12.5"), json.Number(fmt.Sprint(big))
	if !reflect.DeepEqual(received, body) {
		return "", fmt.Errorf("the body arrived as %s", found.Body)
	}
	return "", nil
}

func (c *connection) checkToolError(ctx context.Context) (string, error) {
	key := newKey()
	isError, text, err := c.call(ctx, "probe_fail", map[string]any{"id": key})
	if err != nil {
		return "", err
	}
	if !isError || !strings.Contains(text, "closed: "+key) {
		return "", fmt.Errorf("it shows %s (isError %t)", text, isError)
	}
	return "", nil
}

func (c *connection) checkUnknownTool(ctx context.Context) (string, error) {
	isError, text, err := c.call(ctx, "probe_nothing", map[string]any{})
	var answered *jsonrpc.Error
	switch {
	case errors.As(err, &answered) && answered.Code == -32602:
		return oneLine(err.Error()), nil
	case err != nil:
		return "", fmt.Errorf("it shows %w", err)
	case !isError:
		return "", fmt.Errorf("it answers %s", text)
	}
	return oneLine(text), nil
}

func (c *connection) checkCancel(ctx context.Context) (string, error) {
	key := newKey()
	calling, cancel := context.WithCancel(ctx)
	defer cancel()
	settled := make(chan error, 1)
	go func() {
		_, _, err := c.call(calling, "probe_wait", map[string]any{"id": key})
		settled <- err
	}()
	if !waitFor(func(*arrival) bool { return true }, key) {
		return "", errors.New("the call never reached the API")
	}
	began := time.Now()
	cancel()
	select {
	case err := <-settled:
		if err == nil {
			return "", errors.New("the call was answered")
		}
	case <-time.After(seenTime):
		return "", errors.New("the call did not end")
	}
	if !waitFor(func(found *arrival) bool { return found.Aborted }, key) {
		return "", fmt.Errorf("the call to the API went on for %s after it was cancelled (%s)", seenTime, c.InitializeResult().ProtocolVersion)
	}
	return fmt.Sprintf("upstream ended after %d ms", time.Since(began).Milliseconds()), nil
}

func (c *connection) checkListChanged(ctx context.Context) (string, error) {
	tools := c.InitializeResult().Capabilities.Tools
	if tools == nil || !tools.ListChanged {
		return "", notOffered("the server does not declare tools.listChanged")
	}
	var change struct {
		Added string `json:"added"`
	}
	if err := ask("POST", "/change", &change); err != nil {
		return "", err
	}
	began := time.Now()
	select {
	case <-c.changed:
	case <-time.After(seenTime):
		return "", fmt.Errorf("nothing was heard within %s of the apply (%s)", seenTime, c.InitializeResult().ProtocolVersion)
	}
	took := time.Since(began)
	names, err := c.names(ctx)
	if err != nil {
		return "", err
	}
	if !slices.Contains(names, change.Added) {
		return "", fmt.Errorf("the list read after it lacks %s", change.Added)
	}
	if took < time.Millisecond {
		return "heard before the apply had ended", nil
	}
	return fmt.Sprintf("heard %d ms after the apply", took.Milliseconds()), nil
}

func (c *connection) checkStepUp(ctx context.Context) (string, error) {
	key := newKey()
	isError, text, err := c.call(ctx, "probe_write", map[string]any{"id": key})
	if err != nil {
		return "", fmt.Errorf("it shows %w", err)
	}
	if isError {
		return "", fmt.Errorf("it shows %s", text)
	}
	if found, err := arrivalOf(key); err != nil || found == nil {
		return "", fmt.Errorf("the API saw no call (%v)", err)
	}
	return "", nil
}

func checkMissingScope(ctx context.Context, version string) (string, error) {
	carol, err := connect(ctx, "carol", version)
	if err != nil {
		return "", err
	}
	key := newKey()
	isError, text, err := carol.call(ctx, "probe_write", map[string]any{"id": key})
	if err == nil && !isError {
		return "", fmt.Errorf("carol was served: %s", text)
	}
	if found, askErr := arrivalOf(key); askErr != nil || found != nil {
		return "", fmt.Errorf("the call reached the API (%v)", askErr)
	}
	if err != nil {
		return oneLine(err.Error()), nil
	}
	return oneLine(text), nil
}

func checkBulk(ctx context.Context, version string) (string, error) {
	bob, err := connect(ctx, "bob", version)
	if err != nil {
		return "", err
	}
	names, err := bob.names(ctx)
	if err != nil {
		return "", err
	}
	slices.Sort(names)
	for index, name := range names {
		if name != fmt.Sprintf("bulk_read%04d", index) {
			return "", fmt.Errorf("tool %d is %s", index, name)
		}
	}
	if len(names) != 1050 {
		return "", fmt.Errorf("%d tools", len(names))
	}
	return "", nil
}

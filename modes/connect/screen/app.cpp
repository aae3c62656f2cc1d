#include "modes/connect/screen/app.h"

#include <sys/epoll.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <future>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "modes/connect/screen/client_worker.h"
#include "modes/connect/screen/input/keyboard.h"
#include "modes/connect/screen/memory_file.h"
#include "modes/connect/screen/model.h"
#include "modes/connect/screen/notification.h"
#include "modes/connect/screen/render.h"
#include "modes/connect/screen/settings_file.h"
#include "modes/connect/screen/terminal/screen_writer.h"
#include "modes/connect/wording.h"
#include "modes/net/clock.h"

namespace netchat::connect {

namespace {

constexpr const char* kGone = "the terminal is gone";
constexpr int64_t kFrameMs = 33;            // thirty frames a second
constexpr std::chrono::seconds kEndFor{2};  // for the network thread to end
constexpr int64_t kBellMs = 1'000;          // a crowd that says a nick rings once
constexpr int64_t kTickMs = 250;            // what changes with time alone
constexpr int64_t kSaveMs = 30'000;         // what is remembered
constexpr int64_t kSaveSoonMs = 1'000;      // the same, where it is in no log
constexpr int kPreviewColumns = 64;         // wide enough to see what it is
constexpr int kPreviewRows = 20;
constexpr size_t kEntriesMax = 10'000;  // of a folder: enough to complete in

}  // namespace

// The folders of this machine.
class ScreenApp::RealFolders final : public Folders {
  public:
    std::vector<std::string> entries(std::string_view folder) const override {
        std::vector<std::string> names;
        std::error_code error;
        std::filesystem::directory_iterator entry(std::filesystem::path(folder), error), end;
        for (; !error && entry != end && names.size() < kEntriesMax; entry.increment(error)) {
            std::error_code ignored;
            const bool isFolder = entry->is_directory(ignored);
            names.push_back(entry->path().filename().native() + (isFolder ? "/" : ""));
        }
        std::sort(names.begin(), names.end());
        return names;
    }
};

// The client on its thread; it is made and ended there.
class ScreenApp::Network {
  public:
    Network(ClientWorker::Options options, EventQueue& queue) {
        thread_.loop().post([this, options = std::move(options), &queue]() mutable {
            worker_ = std::make_unique<ClientWorker>(thread_.loop(), std::move(options), queue);
            worker_->start();
        });
    }
    // Ends the client; false: its thread hangs, in a name server or on a disk. Call once.
    bool end() {
        auto ended = std::make_shared<std::promise<void>>();
        thread_.loop().post([this, ended] {
            worker_.reset();
            ended->set_value();
        });
        return ended->get_future().wait_for(kEndFor) == std::future_status::ready;
    }
    void send(ClientCommand order) {
        thread_.loop().post([this, order = std::move(order)] { worker_->carryOut(order); });
    }

  private:
    std::unique_ptr<ClientWorker> worker_;  // of the thread
    net::LoopThread thread_;
};

class ScreenApp::Ui {
  public:
    Ui(net::EventLoop& loop, Options options, Terminal& terminal)
        : loop_(loop),
          terminal_(terminal),
          color_(options.color),
          theme_(options.color, options.settings.colors()),
          mouseWanted_(options.mouse),
          settingsFile_(options.settingsFile),
          memory_(options.memoryFile, options.settings.remember()),
          room_(firstRoom(options, memory_.remembered())),
          model_(modelOptions(options), room_, folders_, options.settings, memory_.remembered()),
          network_(std::in_place, workerOptions(std::move(options), room_), queue_) {}

    ~Ui() {
        for (const int fd : {terminal_.fd(), queue_.fd()}) {
            if (watching_) loop_.unwatch(fd);
        }
        loop_.cancel(frame_);
        loop_.cancel(waking_);
        loop_.cancel(tick_);
        loop_.cancel(saving_);
        loop_.cancel(savingSoon_);
        network_.reset();
        if (reader_.joinable()) reader_.join();
    }

    Outcome run() {
        terminal_.enter();
        if (!terminal_.note().empty()) model_.trouble(terminal_.note(), now());
        loop_.watch(terminal_.fd(), EPOLLIN, keyboard_);
        loop_.watch(queue_.fd(), EPOLLIN, news_);
        watching_ = true;
        windowChanged();
        if (!memory_.trouble().empty()) model_.trouble(memory_.trouble(), now());
        afterModel();
        saveLater();
        drawnMs_ = 0;  // what comes first does not wait for a frame that was empty
        loop_.run();
        memory_.save(model_.state());
        terminal_.flush();
        terminal_.leave();
        outcome_.hangs = !network_->end() || reading_;
        return outcome_;
    }

    void windowChanged() {
        const Terminal::Size size = terminal_.size();
        model_.resize(size.width, size.height);
        writer_.forget();
        draw();
    }

    void suspend() {
        terminal_.suspend();
        entered();
    }

    void continued() {
        terminal_.leave();
        terminal_.enter();
        entered();
    }

  private:
    struct Watch : net::Watcher {
        Watch(Ui& owner, void (Ui::*what)(uint32_t)) : ui(owner), act(what) {}
        void onReady(uint32_t events) override { (ui.*act)(events); }
        Ui& ui;
        void (Ui::*act)(uint32_t);
    };

    static ScreenState::Options modelOptions(const Options& options) {
        return {.server = serverText(options.client.server),
                .nick = options.client.nick,
                .home = options.home,
                .classic = options.client.classic,
                .since = options.since.from != client::Since::From::Now,
                .anyRoom = options.anyRoom,
                .downloads = options.tellsDownloads ? options.client.downloads.native() : "",
                .historyEntries = options.client.classic ? 0 : options.historyEntries,
                .files = options.memory ? options.memory->files() : std::vector<KnownFile>()};
    }
    static std::string firstRoom(const Options& options, const Remembered& remembered) {
        const std::string room = options.anyRoom ? remembered.firstRoom() : "";
        return room.empty() ? options.room : room;
    }
    static ClientWorker::Options workerOptions(Options options, std::string room) {
        return {.client = std::move(options.client),
                .room = std::move(room),
                .since = options.since,
                .memory = std::move(options.memory)};
    }
    static Moment now() { return {net::wallMs(), net::monotonicMs()}; }

    // The terminal is as it is after enter().
    void entered() {
        mouseOn_ = false;
        windowChanged();
    }

    // ---- what comes
    void onTerminal(uint32_t events);
    void onNews(uint32_t);
    void takeKeys();
    void takeKeys(const std::vector<Key>& keys);
    void afterModel();
    void preview(UiEffects::Preview what);
    void ring();
    void notify(const std::string& text);
    void keep(const UiEffects::Kept& setting);
    void save();
    void saveLater();
    void saveSoon();
    void end(bool inOrder, std::string last);

    // ---- what is drawn
    void draw();
    void drawSoon();
    void drawNow();
    void watchOutput();

    net::EventLoop& loop_;
    Terminal& terminal_;
    const bool color_;
    Theme theme_;
    const bool mouseWanted_;
    const std::string settingsFile_;
    MemoryFile memory_;
    const std::string room_;
    const RealFolders folders_;
    Model model_;
    Keyboard typed_;
    ScreenWriter writer_{terminal_.capabilities()};
    EventQueue queue_;
    std::optional<Network> network_;
    Watch keyboard_{*this, &Ui::onTerminal}, news_{*this, &Ui::onNews};
    std::thread reader_;  // of a picture
    bool reading_ = false;
    bool watching_ = false;
    bool wantsOutput_ = false;  // the terminal has not taken the frame before
    bool dirty_ = false;        // something is to be drawn
    int64_t drawnMs_ = 0;
    int64_t rungMs_ = 0, notifiedMs_ = 0;
    std::string title_;
    bool mouseOn_ = false;  // the terminal reports it
    net::EventLoop::TimerId frame_ = 0, waking_ = 0, tick_ = 0, saving_ = 0, savingSoon_ = 0;
    int64_t savedMs_ = 0;
    Outcome outcome_;
};

// ---- what comes

void ScreenApp::Ui::onTerminal(uint32_t events) {
    if ((events & EPOLLOUT) != 0 && !terminal_.flush()) return end(false, kGone);
    watchOutput();
    if ((events & ~uint32_t{EPOLLOUT}) != 0) takeKeys();
    if (dirty_) drawSoon();
}

void ScreenApp::Ui::takeKeys() {
    std::string bytes;
    if (!terminal_.read(bytes)) return end(false, kGone);
    std::vector<Key> keys;
    typed_.feed(bytes, net::monotonicMs(), keys);
    takeKeys(keys);
}

void ScreenApp::Ui::takeKeys(const std::vector<Key>& keys) {
    for (const Key& key : keys) model_.key(key, now());
    model_.setPaste(typed_.paste());
    loop_.cancel(std::exchange(waking_, 0));
    if (const auto at = typed_.wakeAtMs()) {
        waking_ = loop_.after(std::max<int64_t>(0, *at - net::monotonicMs()), [this] {
            waking_ = 0;
            std::vector<Key> late;
            typed_.wake(net::monotonicMs(), late);
            takeKeys(late);
        });
    }
    afterModel();
    draw();  // keys are echoed at once
}

void ScreenApp::Ui::onNews(uint32_t) {
    for (Delivery& delivery : queue_.take()) model_.take(delivery, now());
    model_.tidy();
    afterModel();
    drawSoon();
}

// What the model wants done.
void ScreenApp::Ui::afterModel() {
    for (ClientCommand& order : model_.takeOrders()) network_->send(std::move(order));
    UiEffects effects = model_.takeEffects();
    if (effects.save) saveSoon();
    if (effects.bell) ring();
    if (!effects.notification.empty()) notify(effects.notification);
    for (const UiEffects::Kept& setting : effects.kept) keep(setting);
    for (UiEffects::Preview& what : effects.previews) preview(std::move(what));
    if (effects.redraw) writer_.forget();
    if (effects.suspend) suspend();
    if (effects.quit) {
        using Connection = ScreenState::Connection;
        const Connection connection = model_.state().connection;
        end(connection != Connection::Ended && connection != Connection::Away, effects.last);
    }
}

void ScreenApp::Ui::ring() {
    const int64_t ms = net::monotonicMs();
    if (ms - rungMs_ < kBellMs) return;
    rungMs_ = ms;
    if (!terminal_.write(terminal_.bell())) return end(false, kGone);
    watchOutput();
}

// At most as often as the bell.
void ScreenApp::Ui::notify(const std::string& text) {
    const int64_t ms = net::monotonicMs();
    if (ms - notifiedMs_ < kBellMs) return;
    notifiedMs_ = ms;
    const auto how = model_.state().settings.notify();
    if (!terminal_.write(notificationBytes(how, text))) return end(false, kGone);
    watchOutput();
}

// The file has it, and the screen shows it.
void ScreenApp::Ui::keep(const UiEffects::Kept& setting) {
    theme_ = Theme(color_, model_.state().settings.colors());
    const std::string what =
        setting.value ? setting.name + " = " + *setting.value : setting.name + " is at its default";
    const auto names = settingNames();
    const bool nextRun = std::any_of(names.begin(), names.end(), [&](const SettingName& known) {
        return known.nextRun && known.name == setting.name;
    });
    const std::string lost = nextRun ? " (not saved: " : " (for this run: ";
    if (settingsFile_.empty()) {
        return model_.trouble(what + lost + "HOME is not set)", now());
    }
    const Status kept = keepSetting(settingsFile_, setting.name, setting.value);
    if (!kept) return model_.trouble(what + lost + kept.error().text + ")", now());
    model_.note(
        what + (nextRun ? " (saved for the next run in " : " (saved in ") + settingsFile_ + ")",
        now());
}

// So that little is lost where this process does not end by itself.
void ScreenApp::Ui::saveLater() {
    saving_ = loop_.after(kSaveMs, [this] {
        save();
        saveLater();
    });
}

void ScreenApp::Ui::save() {
    memory_.save(model_.state());
    savedMs_ = net::monotonicMs();
}

// At once, but at most once a second.
void ScreenApp::Ui::saveSoon() {
    if (savingSoon_ != 0) return;
    const int64_t due = savedMs_ + kSaveSoonMs - net::monotonicMs();
    if (due <= 0) return save();
    savingSoon_ = loop_.after(due, [this] {
        savingSoon_ = 0;
        save();
    });
}

void ScreenApp::Ui::end(bool inOrder, std::string last) {
    outcome_ = {inOrder, std::move(last)};
    loop_.stop();
}

// Reading and decoding take a moment, in which the screen goes on; one at a time.
void ScreenApp::Ui::preview(UiEffects::Preview what) {
    if (std::exchange(reading_, true)) {
        return model_.note("another picture is still being read", now());
    }
    if (reader_.joinable()) reader_.join();
    reader_ = std::thread([this, what = std::move(what)] {
        auto picture = std::make_shared<Result<Picture>>(
            readPicture(what.path, kPreviewColumns, kPreviewRows));
        loop_.post([this, what, picture] {
            reading_ = false;
            if (*picture) {
                model_.show(what, std::move(**picture), now());
            } else {
                model_.trouble("no preview: " + picture->error().text, now());
            }
            drawSoon();
        });
    });
}

// ---- what is drawn

void ScreenApp::Ui::draw() {
    dirty_ = true;
    if (terminal_.pending()) return watchOutput();  // when it has taken the frame before
    drawNow();
}

void ScreenApp::Ui::drawSoon() {
    dirty_ = true;
    if (terminal_.pending()) return watchOutput();
    if (frame_ != 0) return;
    const int64_t due = drawnMs_ + kFrameMs - net::monotonicMs();
    if (due <= 0) return drawNow();
    frame_ = loop_.after(due, [this] {
        frame_ = 0;
        if (dirty_) draw();
    });
}

void ScreenApp::Ui::drawNow() {
    dirty_ = false;
    loop_.cancel(std::exchange(frame_, 0));
    drawnMs_ = net::monotonicMs();
    const bool moves = model_.beforeFrame(now());
    for (ClientCommand& order : model_.takeOrders()) network_->send(std::move(order));
    std::string bytes = writer_.update(render(model_.state(), theme_));
    if (const std::string title = model_.title(); title != title_) {
        bytes += terminal_.title(title);
        title_ = title;
    }
    if (const bool mouse = mouseWanted_ && !model_.state().bare; mouse != mouseOn_) {
        bytes += terminal_.mouse(mouse);
        mouseOn_ = mouse;
    }
    if (!bytes.empty() && !terminal_.write(bytes)) return end(false, kGone);
    watchOutput();
    if (!moves || tick_ != 0) return;
    tick_ = loop_.after(kTickMs, [this] {
        tick_ = 0;
        drawSoon();
    });
}

void ScreenApp::Ui::watchOutput() {
    const bool wants = terminal_.pending();
    if (wants == wantsOutput_ || !watching_) return;
    wantsOutput_ = wants;
    loop_.rewatch(terminal_.fd(), wants ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

// ---- ScreenApp

ScreenApp::ScreenApp(net::EventLoop& loop, Options options, Terminal& terminal)
    : ui_(std::make_unique<Ui>(loop, std::move(options), terminal)) {
}

ScreenApp::~ScreenApp() = default;

ScreenApp::Outcome ScreenApp::run() {
    return ui_->run();
}

void ScreenApp::windowChanged() {
    ui_->windowChanged();
}

void ScreenApp::stopped() {
    ui_->suspend();
}

void ScreenApp::continued() {
    ui_->continued();
}

}  // namespace netchat::connect

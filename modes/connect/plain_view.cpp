#include "modes/connect/plain_view.h"

#include <algorithm>

#include "modes/connect/command_table.h"
#include "protocol/text_safety.h"
#include "protocol/utf8.h"

namespace netchat::connect {

namespace {

namespace event = client::event;

// A moving line must not wrap: \r goes back to the beginning of the screen's line only.
constexpr size_t kMovingColumnsMax = 79;

bool isTyped(const client::Event& event) {
    if (const auto* message = std::get_if<event::Message>(&event)) {
        return message->own && !message->history;
    }
    const auto* const message = std::get_if<event::Private>(&event);
    return message != nullptr && message->own;
}

}  // namespace

void PlainView::show(const client::Event& event, const FormatContext& formatContext) {
    std::visit(client::Overloaded{
                   [this](const event::Progress& progress) { showProgress(progress); },
                   [this](const event::Disconnected&) { steps_.clear(); },
                   [this](const event::Reconnecting&) { steps_.clear(); },
                   [this](const event::FileFailed& failed) { steps_.over(failed); },
                   [this](const event::Refused& refused) { steps_.over(refused); },
                   client::IgnoreOthers{},
               },
               event);
    if (terminal_.echoes && isTyped(event)) return;
    const std::string line = lineOf(event, formatContext);
    if (!line.empty()) outLine(line);
}

void PlainView::showFiles(std::span<const KnownFile> files) {
    if (files.empty()) return outLine("no files were sent since you joined");
    for (const auto& line : fileLines(files)) outLine(line);
}

void PlainView::showTransfers(const client::Transfers& transfers, std::span<const size_t> numbers) {
    if (transfers.total == 0) return outLine("no transfers in progress");
    for (size_t i = 0; i < transfers.all.size(); ++i) {
        outLine(std::to_string(numbers[i]) + " " + progressText(transfers.all[i]));
    }
    const size_t more = transfers.total - transfers.all.size();
    if (more > 0) outLine("and " + std::to_string(more) + " more, waiting");
}

void PlainView::showHelp() {
    size_t width = 0;
    for (const auto& line : helpLines()) width = std::max(width, line.usage.size());
    for (const auto& line : helpLines()) {
        errLine("  " + std::string(line.usage) + std::string(width + 2 - line.usage.size(), ' ') +
                std::string(line.meaning));
    }
}

void PlainView::status(Level, std::string_view text) {
    errLine("netchat: " + std::string(text));
}

OutputState PlainView::flush() {
    err_.flush();
    const OutputState outputState = out_.flush();
    if (terminal_.row != nullptr) terminal_.row->show();
    return outputState;
}

void PlainView::showProgress(const client::event::Progress& progress) {
    const std::string text = progressText(progress);
    if (!terminal_.err) {
        if (steps_.isDue(progress)) errLine(text);
        return;
    }
    clearMoving();
    const bool moves = progress.done < progress.size;
    if (terminal_.row != nullptr) return terminal_.row->setIdle(moves ? text : "");
    if (!moves) return;
    const std::string shown = forLog(text, kMovingColumnsMax);
    err_.text(shown);
    movingColumns_ = utf8::length(shown);
}

// The two streams keep their order on a screen that shows both.
void PlainView::outLine(std::string_view text) {
    clearMoving();
    hideRow();
    err_.flush();
    out_.line(text);
}

void PlainView::errLine(std::string_view text) {
    clearMoving();
    hideRow();
    out_.flush();
    err_.line(text);
}

// Until all of this turn is written.
void PlainView::hideRow() {
    if (terminal_.row != nullptr) terminal_.row->hide();
}

void PlainView::clearMoving() {
    if (movingColumns_ == 0) return;
    err_.text("\r" + std::string(movingColumns_, ' ') + "\r");
    movingColumns_ = 0;
}

}  // namespace netchat::connect
